"""The Find panel: limits over the plane, a budget, and a front that grows."""
