"""Speed and memory, as ratios against bare DuckDB in the same run on the same machine: `make bench`."""
