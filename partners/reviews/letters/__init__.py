"""Letters to partners whose tier a signed review changes: a template of the tenant's own, by mail and as PDF.

Nobody of a regulated kind gets one: what they may hear of a tier is nothing.
"""
