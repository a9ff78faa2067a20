package ui

import (
	"fmt"
	"image"
	"strings"
)

// Pictures in terminals with sixel graphics, the older of the two protocols: six rows of points at a time, one
// colour after the other. The few libraries for it bring quantisers of their own for what is a page of code here.

// The colours are a cube, six steps of each; errors are passed on to the points not drawn yet, which hides the steps.
const (
	sixelSteps   = 6
	sixelColours = sixelSteps * sixelSteps * sixelSteps
	sixelBand    = 6 // rows drawn at a time
)

// sixel writes a picture as a terminal command.
func sixel(pixels *image.RGBA) string {
	size := pixels.Rect.Size()
	colours := dither(pixels)
	var b strings.Builder
	fmt.Fprintf(&b, "\x1bP0;1;0q\"1;1;%d;%d", size.X, size.Y)
	for c := range sixelColours {
		percent := func(step int) int { return step % sixelSteps * 100 / (sixelSteps - 1) }
		fmt.Fprintf(&b, "#%d;2;%d;%d;%d", c, percent(c/(sixelSteps*sixelSteps)), percent(c/sixelSteps), percent(c))
	}
	bits := make([]byte, size.X) // of one colour in one band, a column each
	for top := 0; top < size.Y; top += sixelBand {
		band := colours[top*size.X : min(top+sixelBand, size.Y)*size.X]
		var used [sixelColours]bool
		for _, c := range band {
			used[c] = true
		}
		for c := range sixelColours {
			if !used[c] {
				continue
			}
			clear(bits)
			for i, other := range band {
				if int(other) == c {
					bits[i%size.X] |= 1 << (i / size.X)
				}
			}
			fmt.Fprintf(&b, "#%d", c)
			writeSixels(&b, bits)
			b.WriteByte('$') // back to the start of the band
		}
		b.WriteByte('-')
	}
	b.WriteString("\x1b\\")
	return b.String()
}

// writeSixels writes columns of six points, those that repeat by their number.
func writeSixels(b *strings.Builder, bits []byte) {
	for i := 0; i < len(bits); {
		n := 1
		for i+n < len(bits) && bits[i+n] == bits[i] {
			n++
		}
		sign := '?' + rune(bits[i])
		if n > 3 {
			fmt.Fprintf(b, "!%d%c", n, sign)
		} else {
			b.WriteString(strings.Repeat(string(sign), n))
		}
		i += n
	}
}

// dither gives each point a colour of the cube (Floyd and Steinberg's way).
func dither(pixels *image.RGBA) []uint8 {
	size := pixels.Rect.Size()
	colours := make([]uint8, size.X*size.Y)
	here, below := make([][3]int, size.X+2), make([][3]int, size.X+2) // errors in sixteenths, one column of margin
	for y := range size.Y {
		for x := range size.X {
			point := pixels.Pix[pixels.PixOffset(x, y):]
			colour := 0
			for i := range 3 {
				want := min(max(int(point[i])+here[x+1][i]/16, 0), 255)
				step := (want*(sixelSteps-1) + 127) / 255
				colour = colour*sixelSteps + step
				off := want - step*255/(sixelSteps-1)
				here[x+2][i] += 7 * off
				below[x][i] += 3 * off
				below[x+1][i] += 5 * off
				below[x+2][i] += off
			}
			colours[y*size.X+x] = uint8(colour)
		}
		here, below = below, here
		clear(below)
	}
	return colours
}
