"""Trained networks on neuromorphic platforms: what they ask for, what is made of a run, what is submitted."""
