"""Reports of runs as self-contained HTML pages, made from plain data; imports no simulator."""
