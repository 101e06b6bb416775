"""Write people, posts and patrols."""
