"""Training: the loop, the learning rate's schedule, the device, and its memory."""
