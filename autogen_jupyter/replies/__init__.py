"""Reply policies: one file each."""
