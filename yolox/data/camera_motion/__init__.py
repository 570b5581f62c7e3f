"""How the camera moved, seen in the images: `estimation.CameraWatch` is the way in."""
