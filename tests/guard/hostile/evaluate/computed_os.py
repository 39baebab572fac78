import os
for name in names:
    getattr(os, name)(arg)
