"""What runs on the camera: from a frame to a signed message that waits on disk until the gateway has it."""
