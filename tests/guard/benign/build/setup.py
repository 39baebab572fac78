from setuptools import find_packages, setup

with open("README.md", encoding="utf-8") as f:
    long_description = f.read()

setup(name="tool", version="1.0", packages=find_packages(), long_description=long_description, install_requires=["requests>=2"])
