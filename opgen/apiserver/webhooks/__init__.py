"""Webhooks that the server calls: admission of writes, conversion of custom resources."""
