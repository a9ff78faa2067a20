package message

import "testing"

func TestTopic(t *testing.T) {
	for subject, want := range map[string]struct {
		topic string
		loose bool
	}{
		"":                        {"", false},
		"Lunch":                   {"lunch", false},
		"Re: Lunch":               {"lunch", true},
		"RE:re:Re[2]: aw : Lunch": {"lunch", true},
		"回复：Re: 午餐":               {"午餐", true},
		"[dev] Re: [dev] Lexer":   {"lexer", true},
		"Re: [dev]":               {"[dev]", true},
		"【重要】回复：【重要】预算":            {"预算", true},
		"回复：【预算】":                  {"【预算】", true},
		"【重要】预算":                   {"预算", false},
		"[] Lunch":                 {"lunch", false},
		"RES: R: 返信: Ответ: Lunch": {"lunch", true},
		"Rest: Lunch":              {"rest: lunch", false},
		"Re:":                      {"", false},
		"Reply: all":               {"reply: all", false},
		"Fwd: Re: Lunch":           {"fwd: re: lunch", false},
		" a \t b\u3000 C ":         {"a b c", false},
		"a  b":                     {"a b", false},
	} {
		if topic, loose := (&Envelope{Subject: subject}).Topic(); topic != want.topic || loose != want.loose {
			t.Errorf("%q: %q, %v, want %q, %v", subject, topic, loose, want.topic, want.loose)
		}
	}
	if _, loose := (&Envelope{Subject: "Re: Lunch", InReplyTo: []string{"a@b.example"}}).Topic(); loose {
		t.Error("an answer that says to what is loose")
	}
}
