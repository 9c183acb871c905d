"""Up to 25 requests in one, later ones using the results of earlier ones."""
