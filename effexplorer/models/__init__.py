"""Models: the slim encoder, the import of other checkpoints, and the catalog.

Import from the modules themselves: ``catalog`` and ``source`` load without torch.
"""
