"""`/__sandbox__/`: what a test or a demonstrator may do to an org from outside its API; `door.py`: who may come in."""
