größe = 1
имя = "Анна"
Δt = 0.1
λ_max = 2
print(f"{größe} {имя} {Δt} {λ_max} 👨‍👩‍👧 \u00e9 \N{BULLET}")
