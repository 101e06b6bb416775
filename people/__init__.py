"""For whom: special populations. Empty until its registers are built; its place in the layers is kept."""
