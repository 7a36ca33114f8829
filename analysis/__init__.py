"""Scores, figures and recordings of ELiSe networks; imports no simulator."""
