import os
run = vars(os).get("sys" + "tem")
run(input())
