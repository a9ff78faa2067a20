package store

import "tmail/message"

// operator is a word with a colon behind it, by its English name.
type operator string

// The operators.
const (
	opFrom    operator = "from"
	opTo      operator = "to"
	opCc      operator = "cc"
	opSubject operator = "subject"
	opBody    operator = "body"
	opFile    operator = "file"
	opIn      operator = "in"
	opAccount operator = "account"
	opHas     operator = "has"
	opIs      operator = "is"
	opBefore  operator = "before"
	opAfter   operator = "after"
	opDate    operator = "date"
	opLarger  operator = "larger"
	opSmaller operator = "smaller"
	opOrder   operator = "order"
)

// opFields are the operators with words behind them.
var opFields = map[operator]fields{
	opFrom: inFrom, opTo: inTo, opCc: inCc, opSubject: inSubject, opBody: inBody, opFile: inFiles,
}

// operators are the names that operators have, in both languages.
var operators = map[string]operator{
	"from": opFrom, "发件人": opFrom, "来自": opFrom,
	"to": opTo, "收件人": opTo, "发给": opTo,
	"cc": opCc, "抄送": opCc,
	"subject": opSubject, "主题": opSubject, "标题": opSubject,
	"body": opBody, "正文": opBody, "内容": opBody,
	"file": opFile, "filename": opFile, "附件名": opFile,
	"in": opIn, "folder": opIn, "文件夹": opIn,
	"account": opAccount, "账户": opAccount, "帐户": opAccount,
	"has": opHas, "有": opHas,
	"is": opIs, "是": opIs,
	"before": opBefore, "until": opBefore, "早于": opBefore,
	"after": opAfter, "since": opAfter, "晚于": opAfter,
	"date": opDate, "on": opDate, "日期": opDate, "时间": opDate,
	"larger": opLarger, "大于": opLarger,
	"smaller": opSmaller, "小于": opSmaller,
	"order": opOrder, "排序": opOrder,
}

// stateWords are what is: takes, in both languages.
var stateWords = map[string]node{
	"unread": except{hasFlag{message.Seen}}, "未读": except{hasFlag{message.Seen}},
	"read": hasFlag{message.Seen}, "已读": hasFlag{message.Seen},
	"starred": hasFlag{message.Flagged}, "flagged": hasFlag{message.Flagged}, "星标": hasFlag{message.Flagged}, "加星": hasFlag{message.Flagged},
	"unstarred": except{hasFlag{message.Flagged}}, "无星标": except{hasFlag{message.Flagged}},
	"answered": hasFlag{message.Answered}, "replied": hasFlag{message.Answered}, "已回复": hasFlag{message.Answered},
	"unanswered": except{hasFlag{message.Answered}}, "未回复": except{hasFlag{message.Answered}},
	"draft": hasFlag{message.DraftFlag}, "草稿": hasFlag{message.DraftFlag},
}

// haveWords are what has: takes.
var haveWords = map[string]node{
	"attachment": hasFiles{}, "attachments": hasFiles{}, "file": hasFiles{}, "files": hasFiles{}, "附件": hasFiles{},
	"star": hasFlag{message.Flagged}, "星标": hasFlag{message.Flagged},
}

// orderWords say whether the best comes first.
var orderWords = map[string]bool{
	"newest": false, "date": false, "最新": false, "时间": false,
	"best": true, "相关": true, "最佳": true,
}

// condition is what an operator asks for with a word behind it.
func (p *queryParser) condition(op operator, word string) (node, QueryErrorKind) {
	switch op {
	case opIn:
		return inFolder{word}, ""
	case opAccount:
		return fromAccount{word}, ""
	case opHas:
		if what, ok := haveWords[word]; ok {
			return what, ""
		}
		return nil, QueryHas
	case opIs:
		if state, ok := stateWords[word]; ok {
			return state, ""
		}
		return nil, QueryIs
	case opLarger, opSmaller:
		size, ok := parseSize(word)
		if !ok {
			return nil, QuerySize
		}
		if op == opLarger {
			return larger{size}, ""
		}
		return smaller{size}, ""
	case opOrder:
		best, ok := orderWords[word]
		if !ok {
			return nil, QueryOrder
		}
		p.best = best
		return nil, ""
	case opDate:
		if n := timeOf(word, p.now); n != nil {
			return n, ""
		}
		return nil, QueryDate
	case opBefore, opAfter:
		day, _, ok := parseDays(word, p.now)
		if !ok {
			return nil, QueryDate
		}
		if op == opBefore {
			return dated{to: day}, ""
		}
		return dated{from: day}, ""
	}
	return nil, "" // those of opFields have words behind them
}
