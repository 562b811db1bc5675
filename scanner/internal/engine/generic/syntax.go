package generic

// form is the syntax that joins a name and its value.
type form uint8

const (
	noForm     form = iota
	assign          // name = value
	colon           // name: value
	arrow           // name => value
	compare         // name == value
	fallback        // name || value, ${name:-value}
	pair            // "name", value
	call            // name("value")
	element         // <name>value</name>
	attribute       // name="name" value="value"
	option          // --name value
	optionEq        // --name=value
	spaced          // name value (netrc, ENV, PASSWORD 'value')
	query           // ?name=value&
	connection      // ;name=value;
	listed          // name = ["value", ...]
	urlUser         // scheme://user:value@host
	header          // Bearer value
	basicAuth       // Basic base64(user:value)
	sqlBy           // IDENTIFIED BY 'value'
	shortOpt        // mysql -pvalue, curl -u user:value
	jwkMember       // "d": "value"
	numbers         // name = {1, 2, 3 ...
	derKey          // a private key in base64, recognised by its first bytes
	unkeyed         // no name
	formCount
)

var formNames = [...]string{"no syntax", "assignment", "name and colon", "arrow", "comparison", "default value", "pair of arguments",
	"call", "XML element", "XML attribute", "option of a command", "option of a command with =", "name and space",
	"parameter of a URL", "part of a connection string", "list", "user part of a URL", "authorisation header",
	"Basic authorisation", "IDENTIFIED BY", "short option of a command", "member of a JSON Web Key", "list of numbers", "private key", "no name"}

// Facts about the surroundings of a value.
const (
	atQuotedName   = 1 << iota // "name": ...
	atPhrase                   // the name is the end of a longer string: "my password" = ...
	atTyped                    // var name string = ...
	atCalled                   // = wrap("value")
	atNew                      // = new Type("value")
	atLookup                   // = getenv("value")
	atJoined                   // = "value" + ...
	atComment                  // # name = value
	atLineStart                // nothing but blanks before the name
	atEscaped                  // \"name\":\"value\"
	atSpacesAround             // name = value, with blanks on both sides
	atLineEnd                  // nothing after the value
	atSemicolon                // value;
	atComma                    // value,
	atOpenParen                // value(
	atMember                   // self.name, $this->name
	atDeclared                 // const name, let name, String name
	atCloser                   // value ) or ] or }
	atProse                    // words before the name on its line
	atMore                     // more words follow an unquoted value
	surroundFacts  = iota
)

// parse is one attempt at one hit. It lives on the stack.
type parse struct {
	text     []byte
	name     name
	form     form
	facts    uint32
	quote    byte // the quote around the value, 0 if there is none
	scheme   uint8
	start    int // of the value
	end      int
	lo, hi   int // every byte looked at lies in [lo, hi)
	whole    int // start of the match
	wholeEnd int
	wrapper  [2]int // the name of the call around the value
	context  int    // where the words before the name begin, as far as looked at
	used     bool   // a password that the URL shows in use: medium confidence at least
	weak     bool   // a placeholder: low confidence at most
}

const (
	maxBlanks = 48   // blanks between name, operator and value
	maxValue  = 4096 // longest value between quotes
	maxPlain  = 512  // longest value without quotes
)

// MaxLeft and MaxRight bound what Match looks at to either side of a hit's
// first byte.
const (
	MaxLeft  = 512
	MaxRight = maxName + 6*maxBlanks + maxValue + 256
)
