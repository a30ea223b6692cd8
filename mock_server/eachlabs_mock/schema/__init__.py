"""JSON Schema: validates a document, and suggests what would be right. It knows no model."""
