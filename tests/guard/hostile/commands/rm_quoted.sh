r""m -r'f' /
