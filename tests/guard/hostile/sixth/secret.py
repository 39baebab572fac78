import boto3
s3 = boto3.client('s3', aws_access_key_id='AKIAQ3EGRMZ7XK2LPWVD', aws_secret_access_key='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')
