powershell -nop -w hidden -enc SQBFAFgA
