ｅxec('print(1)')
