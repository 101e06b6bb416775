"""Take in what others made: outlines in their formats and coordinate systems, and the jobs that do so apart."""
