"""What the API promises: claims, the statuses of a prediction, models, the OpenAPI document."""
