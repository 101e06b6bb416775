"""Read people, posts, patrols and what they may see."""
