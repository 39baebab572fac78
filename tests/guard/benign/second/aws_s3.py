import os

import boto3

s3 = boto3.client("s3", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"])
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=os.environ["BUCKET"]):
    for item in page.get("Contents", []):
        print(item["Key"], item["Size"])
