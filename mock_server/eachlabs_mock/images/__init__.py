"""The images room: what a request says about its pictures, and the pictures. Pure."""
