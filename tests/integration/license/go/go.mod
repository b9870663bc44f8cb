module perennial.test/license

go 1.21
