"""The field's files, each format read and written in exactly one place."""
