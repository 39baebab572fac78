client = Anthropic(api_key='sk-ant-api03-Qw3rTy7Ui9Op2As4Df6Gh8Jk1Lz5Xc-Vb0Nm')
