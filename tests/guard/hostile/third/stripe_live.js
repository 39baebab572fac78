const stripe = require('stripe')('sk_live_51Hx8KqLm9Qw3Er7Ty5Ui1Op4As6Df0Gh2Jk8L');
