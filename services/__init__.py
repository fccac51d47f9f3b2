"""The four services of gongshi; none imports another."""
