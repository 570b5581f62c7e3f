"""How tracks move between frames: the Kalman filter and the box coordinates it filters."""
