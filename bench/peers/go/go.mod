module octofetch/bench/peers/go

go 1.21
