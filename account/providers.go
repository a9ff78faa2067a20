package account

import "strings"

// SecretKind says what a provider takes for a password.
type SecretKind int

// The kinds of secrets. SecretPassword is the password of the provider's own
// website; the others are made in its settings, for programs like this one.
const (
	SecretPassword SecretKind = iota
	SecretCode                // 授权码, a code
	SecretClient              // 客户端专用密码, a password for mail programs
	SecretApp                 // an app password
	SecretBridge              // the password that Proton's Bridge shows
	SecretOAuth2              // none at all: a sign-in in the browser
)

// Provider is what is known of a mail provider, so that nobody has to ask for
// it.
type Provider struct {
	Name    string   // as its customers call it
	Domains []string // of the addresses it gives
	MX      []string // ends of the names of its mail exchangers, for domains it hosts
	Chinese bool     // its settings are in Chinese

	IMAP, POP3, SMTP Server // the zero Server: not offered

	Secret    SecretKind
	Optional  bool   // the website's password does too, unless the person asked for more safety there
	Where     string // where the secret is made or access is switched on, in the words of the provider's own pages
	LocalPart bool   // the user name for receiving is what stands before the @
	OAuth2    string // how package oauth calls it; "" when it offers none
}

// Server is where a provider's server is.
type Server struct {
	Host     string
	Port     int
	Security Security
}

// tls and starttls are servers as providers have them.
func tls(host string, port int) Server      { return Server{host, port, SecurityTLS} }
func starttls(host string, port int) Server { return Server{host, port, SecurityStartTLS} }

// usual returns p with implicit TLS on the usual ports of three hosts. An
// empty one is not offered.
func (p Provider) usual(imap, pop3, smtp string) Provider {
	for _, s := range []struct {
		to   *Server
		host string
		port int
	}{{&p.IMAP, imap, 993}, {&p.POP3, pop3, 995}, {&p.SMTP, smtp, 465}} {
		if s.host != "" {
			*s.to = tls(s.host, s.port)
		}
	}
	return p
}

// submitting returns p with another server for sending.
func (p Provider) submitting(s Server) Provider {
	p.SMTP = s
	return p
}

// What the settings of Chinese webmail call the switch.
const (
	neteaseMenu = "设置 → POP3/SMTP/IMAP → 开启 IMAP/SMTP 服务"
	qqMenu      = "设置 → 账号与安全 → 安全设置 → POP3/IMAP/SMTP 服务 → 生成授权码"
)

// netease is one of the sites of NetEase, which differ by name only.
func netease(name, domain string) Provider {
	return Provider{Name: name, Domains: []string{domain}, Chinese: true, Secret: SecretCode,
		Where: "mail." + domain + " → " + neteaseMenu}.usual("imap."+domain, "pop."+domain, "smtp."+domain)
}

// microsoft takes no passwords any more.
func microsoft(name, smtp string) Provider {
	return Provider{Name: name, Secret: SecretOAuth2, OAuth2: "microsoft"}.
		usual("outlook.office365.com", "outlook.office365.com", "").submitting(starttls(smtp, 587))
}

func (p Provider) at(domains ...string) Provider { p.Domains = domains; return p }
func (p Provider) mx(ends ...string) Provider    { p.MX = ends; return p }

// providers is the table. A domain stands in one row only.
var providers = []Provider{
	netease("网易 163", "163.com"),
	netease("网易 126", "126.com"),
	netease("网易 yeah.net", "yeah.net"),
	Provider{Name: "QQ 邮箱", Chinese: true, Secret: SecretCode, Where: "mail.qq.com → " + qqMenu}.
		usual("imap.qq.com", "pop.qq.com", "smtp.qq.com").at("qq.com", "vip.qq.com", "foxmail.com"),
	Provider{Name: "腾讯企业邮", Chinese: true, Secret: SecretClient, Optional: true, Where: "exmail.qq.com → 设置 → 邮箱绑定 → 安全登录 → 客户端专用密码"}.
		usual("imap.exmail.qq.com", "pop.exmail.qq.com", "smtp.exmail.qq.com").at("exmail.qq.com").mx("mxbiz1.qq.com", "mxbiz2.qq.com"),
	Provider{Name: "新浪邮箱", Chinese: true, Secret: SecretCode, Where: "mail.sina.com.cn → 设置区 → 客户端 pop/imap/smtp → 开启 → 授权码"}.
		usual("imap.sina.com", "pop.sina.com", "smtp.sina.com").at("sina.com"),
	Provider{Name: "新浪邮箱", Chinese: true, Secret: SecretCode, Where: "mail.sina.com.cn → 设置区 → 客户端 pop/imap/smtp → 开启 → 授权码"}.
		usual("imap.sina.cn", "pop.sina.cn", "smtp.sina.cn").at("sina.cn"),
	Provider{Name: "搜狐邮箱", Chinese: true, Secret: SecretClient, Where: "mail.sohu.com → 选项 → 设置 → POP3/SMTP/IMAP → 独立密码"}.
		usual("imap.sohu.com", "pop3.sohu.com", "smtp.sohu.com").at("sohu.com"),
	Provider{Name: "139 邮箱", Chinese: true, Secret: SecretCode, Where: "mail.10086.cn → 设置 → 邮箱协议设置 → 开启 IMAP/SMTP → 授权码"}.
		usual("imap.139.com", "pop.139.com", "smtp.139.com").at("139.com"),
	Provider{Name: "189 邮箱", Chinese: true, Secret: SecretPassword}.
		usual("imap.189.cn", "pop.189.cn", "smtp.189.cn").at("189.cn"),
	Provider{Name: "阿里云邮箱", Chinese: true, Secret: SecretPassword}.
		usual("imap.aliyun.com", "pop3.aliyun.com", "smtp.aliyun.com").at("aliyun.com"),
	Provider{Name: "阿里企业邮箱", Chinese: true, Secret: SecretClient, Optional: true, Where: "qiye.aliyun.com → 设置 → 账户与安全 → 第三方客户端安全密码"}.
		usual("imap.qiye.aliyun.com", "pop.qiye.aliyun.com", "smtp.qiye.aliyun.com").mx("mxhichina.com", "qiye.aliyun.com"),

	Provider{Name: "Gmail", Secret: SecretApp, Where: "myaccount.google.com/apppasswords", OAuth2: "google"}.
		usual("imap.gmail.com", "pop.gmail.com", "smtp.gmail.com").at("gmail.com", "googlemail.com").mx("google.com", "googlemail.com"),
	microsoft("Outlook.com", "smtp-mail.outlook.com").at("outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.cn"),
	microsoft("Microsoft 365", "smtp.office365.com").at("onmicrosoft.com").mx("mail.protection.outlook.com", "mx.microsoft"),
	Provider{Name: "iCloud", Secret: SecretApp, Where: "account.apple.com → Sign-In and Security → App-Specific Passwords", LocalPart: true}.
		usual("imap.mail.me.com", "", "").submitting(starttls("smtp.mail.me.com", 587)).at("icloud.com", "me.com", "mac.com"),
	Provider{Name: "Yahoo", Secret: SecretApp, Where: "login.yahoo.com/account/security → Generate app password"}.
		usual("imap.mail.yahoo.com", "pop.mail.yahoo.com", "smtp.mail.yahoo.com").at("yahoo.com", "ymail.com", "rocketmail.com").mx("yahoodns.net"),
	Provider{Name: "Fastmail", Secret: SecretApp, Where: "app.fastmail.com → Settings → Privacy & Security → App passwords"}.
		usual("imap.fastmail.com", "pop.fastmail.com", "smtp.fastmail.com").at("fastmail.com", "fastmail.fm").mx("messagingengine.com"),
	Provider{Name: "Zoho", Secret: SecretApp, Optional: true, Where: "accounts.zoho.com → Security → App Passwords"}.
		usual("imap.zoho.com", "pop.zoho.com", "smtp.zoho.com").at("zoho.com", "zohomail.com").mx("zoho.com"),
	Provider{Name: "Yandex", Secret: SecretApp, Where: "id.yandex.com → Security → App passwords"}.
		usual("imap.yandex.com", "pop.yandex.com", "smtp.yandex.com").at("yandex.com", "yandex.ru", "ya.ru").mx("mx.yandex.net", "mx.yandex.ru"),
	Provider{Name: "GMX", Secret: SecretPassword, Where: "gmx.net → E-Mail → Einstellungen → POP3/IMAP Abruf"}.
		usual("imap.gmx.net", "pop.gmx.net", "mail.gmx.net").at("gmx.net", "gmx.de", "gmx.at", "gmx.ch"),
	Provider{Name: "GMX", Secret: SecretPassword, Where: "gmx.com → Mail → Settings → POP3 & IMAP"}.
		usual("imap.gmx.com", "pop.gmx.com", "mail.gmx.com").at("gmx.com", "gmx.us"),
	Provider{Name: "Mail.ru", Secret: SecretApp, Where: "account.mail.ru → Security → Passwords for external applications"}.
		usual("imap.mail.ru", "pop.mail.ru", "smtp.mail.ru").at("mail.ru", "inbox.ru", "list.ru", "bk.ru"),
	{Name: "Proton Mail Bridge", Domains: []string{"proton.me", "protonmail.com", "pm.me"}, Secret: SecretBridge, Where: "Proton Mail Bridge → Mailbox details",
		IMAP: starttls("127.0.0.1", 1143), SMTP: starttls("127.0.0.1", 1025)},
}

// KnownProvider returns the provider of an address that the table has, nil
// when it has none.
func KnownProvider(address string) *Provider {
	_, domain, _ := cutLast(address, "@")
	return providerOf(domain)
}

// providerOf returns the provider that gives addresses at a domain, nil when
// none is known.
func providerOf(domain string) *Provider {
	for i := range providers {
		for _, d := range providers[i].Domains {
			if strings.EqualFold(d, domain) {
				return &providers[i]
			}
		}
	}
	return nil
}

// providerBehind returns the provider whose mail exchanger a host is, nil when
// none is known.
func providerBehind(exchanger string) *Provider {
	host := strings.ToLower(strings.TrimSuffix(exchanger, "."))
	for i := range providers {
		for _, end := range providers[i].MX {
			if host == end || strings.HasSuffix(host, "."+end) {
				return &providers[i]
			}
		}
	}
	return nil
}
