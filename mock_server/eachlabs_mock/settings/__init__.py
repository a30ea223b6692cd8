"""Every setting of a server and of a world: declared once, converted from text, checked."""
