"""Other people's frameworks: one module each, which imports the core and which the core never imports."""
