package lang

import (
	"regexp"
	"strconv"
	"strings"
)

// Times as Chinese writes them, brought into one form.

// sameTime are other ways to say the same; what is longer stands first.
var sameTime = strings.NewReplacer(
	"半个小时", "30分钟", "半小时", "30分钟", "个小时", "小时", "以后", "后", "之后", "后", "个星期", "周",
	"今早上", "今天早上", "今早", "今天早上", "明早上", "明天早上", "明早", "明天早上", "今晚上", "今天晚上", "今晚", "今天晚上",
	"明晚上", "明天晚上", "明晚", "明天晚上", "早晨", "早上", "夜里", "晚上", "下个星期", "下周", "下个礼拜", "下周",
	"星期天", "周日", "星期", "周", "礼拜天", "周日", "礼拜", "周", "周天", "周日", "点钟", "点", "小时", "小时", "时", "点",
)

// numerals are numbers before a unit, not those of a weekday.
var numerals = regexp.MustCompile(`(周[一二三四五六日])?([零〇一二两三四五六七八九十]+)(点|分|刻|小时|天|周|月|日|号)`)

// spelledOut is words with numbers in digits and one name for each thing.
func spelledOut(words string) string {
	if !strings.ContainsFunc(words, func(r rune) bool { return r >= 0x2e80 }) {
		return words
	}
	words = numerals.ReplaceAllStringFunc(sameTime.Replace(words), func(s string) string {
		m := numerals.FindStringSubmatch(s)
		return m[1] + strconv.Itoa(numberOf(m[2])) + m[3]
	})
	return fractions.Replace(words)
}

var fractions = strings.NewReplacer("点半", "点30分", "点1刻", "点15分", "点3刻", "点45分", "点整", "点")

// numberOf is a number up to 99.
func numberOf(s string) (n int) {
	for _, r := range s {
		if r == '十' {
			n = max(1, n) * 10
			continue
		}
		n += max(0, strings.IndexRune("零一二三四五六七八九", r)/len("零"))
		if r == '两' {
			n += 2
		}
	}
	return n
}
