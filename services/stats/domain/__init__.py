"""What a figure is: sums of contributions, the measures that follow from them, and the periods they are emitted for."""
