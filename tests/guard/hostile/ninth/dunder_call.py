import os
os.system.__call__('id')
getattr(os, f"{'po'}{'pen'}")('id')
