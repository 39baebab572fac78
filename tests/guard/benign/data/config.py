import yaml

with open("config.yml") as f:
    config = yaml.safe_load(f)
with open("other.yml") as f:
    other = yaml.load(f, Loader=yaml.SafeLoader)
print(config | other)
