"""Pages of real archives and of a live pipeline in a browser: pictures to look at, and what a browser can check."""
