URL = 'http://expyuzz4wqqyqhjn.onion/panel'
