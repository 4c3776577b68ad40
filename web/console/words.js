// What the page says, in two languages.

const WORDS = {
  zh: {
    skip: "跳到查询", title: "政信 API 控制台", language: "语言", aside: "示例与模式", examples: "示例", schema: "模式",
    search: "查找类型、字段或说明", trail: "所在位置", ask: "查询", run: "运行", runKeys: "Ctrl+Enter", stop: "停止",
    operation: "操作", next: "下一页", hint: "Ctrl+Space 补全 · Ctrl+Enter 运行", proposals: "补全",
    variables: "变量（JSON）", headers: "身份与请求头", token: "令牌（不填即公众）", tokenNote: "只存于本标签页的会话中，关闭即失；不写入地址，不发往别处。",
    purpose: "用途（X-Purpose）", reference: "案件或事项编号（X-Reference）", result: "结果", copy: "复制", copied: "已复制",
    version: "图版本 {0}", status: "状态 {0}", took: "{0} 毫秒", bytes: "{0} 字节", errors: "{0} 个错误", events: "第 {0} 条事件",
    asking: "正在查询…", listening: "正在等待事件…", stopped: "已停止", completed: "已结束", unreachable: "无法连接",
    noSchema: "无法取得模式", badVariables: "变量不是 JSON 对象", noOperation: "没有可运行的操作", all: "全部类型", found: "找到 {0} 项", arguments: "参数", needsPage: "声明变量 $after: String 并用于 after 参数，即可翻页",
    nameExpected: "此处应为名称", unexpected: "此处不应有 {0}", missing: "缺少 {0}", noFragment: "没有片段 {0}", noRoot: "模式没有 {0}",
    noType: "没有类型 {0}", needsFields: "须选择其字段", noFieldsIn: "{0} 没有字段可选", noField: "{1} 没有字段 {0}", noInput: "没有参数 {0}", noVariable: "未声明变量 ${0}", noValue: "{1} 没有取值 {0}",
    place: "第 {0} 行第 {1} 列：",
    PUBLIC: "公众", CONGRESS: "人大监督", GOVERNMENT: "上级政府", COURT: "法院", AUTHORITY: "主管部门", AGENCY: "本单位", ASSESSOR: "第三方评估", OPERATOR: "平台运维", DEVELOPER: "开发者",
  },
  en: {
    skip: "Skip to the query", title: "Zhengxin API console", language: "Language", aside: "Examples and schema", examples: "Examples", schema: "Schema",
    search: "Find a type, a field or a description", trail: "Where you are", ask: "Query", run: "Run", runKeys: "Ctrl+Enter", stop: "Stop",
    operation: "Operation", next: "Next page", hint: "Ctrl+Space completes · Ctrl+Enter runs", proposals: "Completion",
    variables: "Variables (JSON)", headers: "Identity and headers", token: "Token (none: the public)", tokenNote: "Kept in the session of this tab only, and gone with it; never in an address, never sent elsewhere.",
    purpose: "Purpose (X-Purpose)", reference: "Case or matter (X-Reference)", result: "Result", copy: "Copy", copied: "Copied",
    version: "graph version {0}", status: "status {0}", took: "{0} ms", bytes: "{0} bytes", errors: "{0} errors", events: "event {0}",
    asking: "Asking…", listening: "Waiting for events…", stopped: "Stopped", completed: "Completed", unreachable: "Can't be reached",
    noSchema: "The schema can't be fetched", badVariables: "The variables are no JSON object", noOperation: "There is no operation to run", all: "All types", found: "{0} found", arguments: "Arguments", needsPage: "Declare a variable $after: String and use it as after to turn pages",
    nameExpected: "a name is expected here", unexpected: "{0} is not expected here", missing: "{0} is missing", noFragment: "there is no fragment {0}", noRoot: "the schema has no {0}",
    noType: "there is no type {0}", needsFields: "its fields must be selected", noFieldsIn: "{0} has no fields", noField: "{1} has no field {0}", noInput: "there is no argument {0}", noVariable: "the variable ${0} is not declared", noValue: "{1} has no value {0}",
    place: "line {0}, column {1}: ",
    PUBLIC: "Public", CONGRESS: "People's congress", GOVERNMENT: "Upper-level government", COURT: "Court", AUTHORITY: "Competent body", AGENCY: "Agency itself", ASSESSOR: "Assessor", OPERATOR: "Operator", DEVELOPER: "Developer",
  },
};

let language = navigator.language?.startsWith("zh") ?? true ? "zh" : "en";

export const spoken = () => language;

/** A phrase, with words put into its places. */
export function say(key, ...words) {
  const phrase = WORDS[language][key] ?? key;
  return phrase.replace(/\{(\d)\}/g, (_, at) => String(words[at] ?? ""));
}

/** Of a text in two languages (中文。 / English.) the one that is spoken. */
export function half(text) {
  const at = text.indexOf(" / ");
  if (at < 0) return text;
  return language === "zh" ? text.slice(0, at) : text.slice(at + 3);
}

/** Has the page speak a language. */
export function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of document.querySelectorAll("[data-word-label]")) element.setAttribute("aria-label", say(element.dataset.wordLabel));
  for (const element of document.querySelectorAll("[data-word-title]")) element.title = say(element.dataset.wordTitle);
}
