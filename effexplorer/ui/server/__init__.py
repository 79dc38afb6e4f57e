"""What stands between the network and the app: who may ask, and the teacher's view of the queue."""
